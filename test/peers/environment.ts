/** What processes beside Node get of our environment: a sanitizer preloaded into Node is not meant for them. */
export function peerEnvironment(more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  const { LD_PRELOAD: _, ...env } = process.env;
  return { ...env, ...more };
}
