// The parent asks for the server's resource use by message; the first answer tells the port.
export function answerMarks(port) {
  process.on("message", () => {
    globalThis.gc?.();
    process.send({ cpu: process.cpuUsage(), rss: process.memoryUsage.rss() });
  });
  process.on("disconnect", () => process.exit(0));
  process.send({ port });
}
