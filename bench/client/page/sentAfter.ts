/**
 * When the server began to send the stream, in ms after `start`: what a worker fetches is not among the page's resource
 * entries, and both clocks are this machine's.
 */
export async function sentAfter(start: number): Promise<number> {
  const sentAt = (await (await fetch('/sent-at')).json()) as number
  return sentAt - performance.timeOrigin - start
}
