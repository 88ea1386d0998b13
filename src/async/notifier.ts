/** Wakes the one who waits, if there is one: whoever waits looks again for itself. */
export interface Bell {
  ring: () => void
  heard: () => Promise<void>
}

export function createBell(): Bell {
  let wake = () => {}
  return {
    ring: () => wake(),
    heard: () => new Promise((resolve) => (wake = resolve)),
  }
}
