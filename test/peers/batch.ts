/** Datagrams that come as one batch: they wait in the socket while this thread does nothing. */
import type { OpensslClient } from "./openssl-client.js";
import type { ServerUnderTest } from "./server.js";
import { block } from "./waiting.js";

/**
 * Each client sends one datagram, and all are delivered in one batch. A client may be slow on a busy machine:
 * then all is done again, with more time; `prepare` is called before each try.
 */
export async function deliverAsOneBatch(
  { server, events }: ServerUnderTest,
  clients: OpensslClient[],
  datagram: (index: number) => string | Uint8Array,
  prepare: () => void = () => {},
): Promise<void> {
  for (const milliseconds of [200, 1000, 4000]) {
    prepare();
    let batches = 0;
    let inBatch = false;
    const count = (): void => {
      if (inBatch) return;
      inBatch = true;
      batches++;
      // Ticks run when a batch is over.
      process.nextTick(() => {
        inBatch = false;
      });
    };
    server.on("DataIn", count);
    const before = events.of("DataIn").length;
    for (const [index, client] of clients.entries()) client.send(datagram(index));
    block(milliseconds);
    await events.count("DataIn", before + clients.length);
    server.off("DataIn", count);
    if (batches === 1) return;
  }
  throw new Error(`the datagrams of ${clients.length} clients did not come as one batch`);
}
