"""Two network namespaces joined by a veth pair, for tests that need a network of their own.

The near side has a kernel address (10.9.0.1/24); the far side has no address: whoever opens its device
with DPDK speaks as 10.9.0.2. Names carry the process id, so that several runs stand side by side.
"""

import os
import subprocess

NEAR_HOST = "10.9.0.1"
FAR_HOST = "10.9.0.2"
KERNEL_FAR_HOST = "10.9.0.4"  # only after give_far_kernel_address


def available():
    """None when namespaces work here, else why not."""
    name = f"probe{os.getpid()}"
    try:
        made = subprocess.run(["ip", "netns", "add", name], capture_output=True, text=True)
    except FileNotFoundError:
        return "the command ip is missing (Debian package iproute2)"
    if made.returncode != 0:
        return f"ip netns add: {made.stderr.strip()}"
    subprocess.run(["ip", "netns", "del", name], check=False)
    return None


class Pair:
    """Use as a context: both namespaces go away with it, and what runs inside them is the caller's to end."""

    def __init__(self):
        self.near, self.far = f"xpn{os.getpid()}", f"xpf{os.getpid()}"
        self.near_device, self.far_device = f"xn{os.getpid()}", f"xf{os.getpid()}"

    def __enter__(self):
        try:
            self._make()
        except Exception:
            self.__exit__()
            raise
        return self

    def _make(self):
        for name in (self.near, self.far):
            ip("netns", "add", name)
        ip("link", "add", self.near_device, "netns", self.near,
           "type", "veth", "peer", "name", self.far_device, "netns", self.far)
        ip("-n", self.near, "addr", "add", f"{NEAR_HOST}/24", "dev", self.near_device)
        for name, device in ((self.near, self.near_device), (self.far, self.far_device)):
            run(name, "sysctl", "-qw", f"net.ipv6.conf.{device}.disable_ipv6=1")
            ip("-n", name, "link", "set", device, "up")
        ip("-n", self.near, "link", "set", "lo", "up")
        # The kernel would leave checksums and segmentation to a card that is not there.
        run(self.near, "ethtool", "-K", self.near_device, "tx", "off")

    def give_far_kernel_address(self):
        """For comparisons: the far side's kernel speaks too, under another address than DPDK's."""
        ip("-n", self.far, "addr", "add", f"{KERNEL_FAR_HOST}/24", "dev", self.far_device)
        run(self.far, "ethtool", "-K", self.far_device, "tx", "off")

    def __exit__(self, *_):
        for name in (self.near, self.far):
            subprocess.run(["ip", "netns", "del", name], capture_output=True, check=False)


def ip(*words):
    subprocess.run(["ip", *words], check=True, capture_output=True)


def run(namespace, *words):
    return subprocess.run(["ip", "netns", "exec", namespace, *words], check=True, capture_output=True, text=True)
