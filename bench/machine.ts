import { cpus, totalmem } from 'node:os'

/** When and on what figures were measured. */
export function today(): string {
  return new Date().toISOString().slice(0, 10)
}

export function machine(): string {
  const model = cpus()[0]?.model ?? 'unknown processor'
  return `${model}, ${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GB, Node ${process.version}`
}
