import { readFileSync } from 'node:fs'

/** Clock ticks per second: what /proc counts processor time in, on every Linux there is. */
const TICKS = 100

/** Highest resident memory of a process so far, in MB (10⁶ bytes). Linux only. */
export function peakMb(pid: number): number {
  return field(pid, 'VmHWM')
}

export function residentMb(pid: number): number {
  return field(pid, 'VmRSS')
}

/** Processor time of a process so far, in ms. */
export function cpuMs(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return ((Number(fields[11]) + Number(fields[12])) * 1000) / TICKS
}

function field(pid: number, name: string): number {
  const kb = new RegExp(`${name}:\\s+(\\d+)`).exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
  return (Number(kb) * 1024) / 1e6
}
