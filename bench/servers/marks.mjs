// The parent asks by message what the server has used and what it holds; the first message tells the port.
const answers = {
  // Without a collection: it would be charged to what was measured.
  cpu: () => process.cpuUsage(),
  async memory(facts) {
    // The second collection takes what the first one's finalizers have let go.
    for (let pass = 0; pass < 2; pass++) {
      globalThis.gc();
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    return { ...process.memoryUsage(), ...facts() };
  },
};

/** `facts` gives what else is to be told with the memory. */
export function answerMarks(port, facts = () => ({})) {
  process.on("message", async (question) => process.send(await answers[question](facts)));
  process.on("disconnect", () => process.exit(0));
  process.send({ port });
}
