export function buildStale(...names: string[]): void
