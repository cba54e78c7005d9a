/* Hands a browser to a test in another language: one JSON line in, {"op":..., ...}; one out, {"value":...} or
 * {"error":...}. Pages stay open until they are closed. Run in the folder that packages.sh prints. */
import { createInterface } from "node:readline";
import { createRequire } from "node:module";
import { join } from "node:path";

const { chromium } = createRequire(join(process.cwd(), "package.json"))("playwright-core");
const WAIT_MS = Number(process.env.WAIT_MS ?? 20000);
const QUIET = ["gpu", "quic", "background-networking", "component-update", "sync", "dev-shm-usage"].map((name) => `--disable-${name}`);

const browser = await chromium.launch({ executablePath: process.env.CHROMIUM, args: ["--no-sandbox", "--no-first-run", ...QUIET] });
let context = null;
let page = null;
let complaints = [];
let asked = []; // what the page asked to be done, and the answers
let dropping = 0; // depth updates to swallow, so that the page sees a gap

async function open({ url, width, height, phone }) {
    await context?.close();
    complaints = [];
    asked = [];
    context = await browser.newContext({ viewport: { width, height }, isMobile: phone, hasTouch: phone, deviceScaleFactor: phone ? 2 : 1 });
    page = await context.newPage();
    page.setDefaultTimeout(WAIT_MS);
    page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
    page.on("requestfinished", async (request) => {
        if (request.method() === "GET") return;
        const answer = await request.response().then((response) => response.text()).catch(String);
        asked.push(`${request.method()} ${request.url()} ${request.postData()}\n    ${answer}`);
    });
    page.on("pageerror", (error) => complaints.push(String(error.stack)));
    await page.routeWebSocket(/channels/, (socket) => {
        const server = socket.connectToServer();
        server.onMessage((message) => {
            const isUpdate = message.includes('"channel":"depth.') && message.includes('"event":"update"');
            if (dropping > 0 && isUpdate) dropping--;
            else socket.send(message);
        });
    });
    await page.goto(url);
}

/* Asked from outside again and again: the page's own policy forbids it to evaluate texts. */
async function wait({ script }) {
    const deadline = Date.now() + WAIT_MS;
    while (!(await page.evaluate(script).catch(() => false))) {
        if (Date.now() > deadline) {
            await page.screenshot({ path: process.env.FAILED_SHOT }).catch(() => {});
            throw new Error(["waited in vain", ...asked, `what it looked like: ${process.env.FAILED_SHOT}`].join("\n"));
        }
        await new Promise((resolve) => setTimeout(resolve, 40));
    }
}

const operations = {
    open,
    close: async () => void (await context?.close(), (context = page = null)),
    click: ({ on }) => page.locator(on).first().click(),
    fill: ({ on, text }) => page.locator(on).first().fill(text),
    choose: async ({ on, value }) => void (await page.locator(on).first().selectOption(value)),
    press: ({ key }) => page.keyboard.press(key),
    reload: async () => void (await page.reload()),
    evaluate: ({ script }) => page.evaluate(script),
    wait,
    shot: async ({ path }) => void (await page.screenshot({ path })),
    drop: async ({ count }) => void (dropping = count),
    dropped: async () => dropping === 0,
    complaints: async () => complaints.splice(0),
};

for await (const line of createInterface({ input: process.stdin })) {
    const { op, ...rest } = JSON.parse(line);
    let answer;
    try {
        answer = { value: (await operations[op](rest)) ?? null };
    } catch (error) {
        answer = { error: String(error.message ?? error) };
    }
    process.stdout.write(`${JSON.stringify(answer)}\n`);
}
await browser.close();
