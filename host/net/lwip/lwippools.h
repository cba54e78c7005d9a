/* The pools behind mem_malloc, smallest first. Headers of acknowledgements need the first, segments
 * the second. */
LWIP_MALLOC_MEMPOOL_START
LWIP_MALLOC_MEMPOOL(2048, 256)
/* 256 connections x TCP_SND_QUEUELEN, and handshakes; a full frame with lwIP's own header */
LWIP_MALLOC_MEMPOOL(26624, 1664)
LWIP_MALLOC_MEMPOOL_END
