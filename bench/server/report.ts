import type { LoadReport } from './load.js'

/** Something that was measured, once in each round. */
export interface Figure {
  what: string
  unit: string
  values: number[]
  /** The most its median may be; `null`: told, not judged. */
  atMost: number | null
  /** What the original service took. */
  original?: string
}

export interface LoadFigures extends LoadReport {
  followers: number
  pollers: number
  seconds: number
  serverCpuMs: number
  /** Resident memory of the server in MB. */
  memoryMb: { before: number; under: number; after: number }
}

export interface Results {
  date: string
  machine: string
  rounds: number
  figures: readonly Figure[]
  load: LoadFigures | null
}

const P99_AT_MOST_MS = 100
/** Memory counts as back at its level when it is no more above it than this, in MB: the collector's own play. */
const MEMORY_PLAY_MB = 25

/** A table, and what was to be shown. */
export function report({ date, machine, rounds, figures, load }: Results): string {
  return [
    `${date}, ${machine}. Median (least–greatest) of ${rounds} ${rounds === 1 ? 'round' : 'rounds'}.`,
    '',
    '| what | measured | at most | the original |',
    '| --- | --- | --- | --- |',
    ...figures.map(
      ({ what, unit, values, atMost, original = '' }) =>
        `| ${what} | ${spread(values)} ${unit} | ${atMost ?? ''} | ${original} |`,
    ),
    '',
    ...(load ? [...describeLoad(load), ''] : []),
    ...figures.flatMap(({ what, unit, values, atMost }) =>
      atMost === null ? [] : [claim(`${what}: ${short(median(values))} ${unit}`, median(values) <= atMost)],
    ),
    ...(load ? judgeLoad(load) : []),
    '',
  ].join('\n')
}

function describeLoad({ followers, pollers, seconds, memoryMb, ...load }: LoadFigures): string[] {
  const { before, under, after } = memoryMb
  return [
    `${followers} followers and ${pollers} pollers of one job, paced to last ${seconds} s, on one server process: ` +
      `${load.requests.toLocaleString('en')} status requests, half of them within ${short(load.p50Ms)} ms, ` +
      `99 of 100 within ${short(load.p99Ms)} ms; ${short(load.followedMb)} MB sent to followers; ` +
      `server memory ${short(before)} MB before, ${short(under)} MB at the end, ${short(after)} MB after; ` +
      `processor time ${short(load.serverCpuMs / 1000)} s of the server, ${short(load.cpuMs / 1000)} s of the generator.`,
  ]
}

function judgeLoad({ errors, kinds, p99Ms, memoryMb }: LoadFigures): string[] {
  const which = errors === 0 ? '' : ` ${JSON.stringify(kinds)}`
  return [
    claim(`${errors} errors under load${which}`, errors === 0),
    claim(`99 of 100 status requests under load within ${short(p99Ms)} ms`, p99Ms < P99_AT_MOST_MS),
    claim(
      `server memory ${short(memoryMb.after - memoryMb.before)} MB above its level after the load`,
      memoryMb.after - memoryMb.before <= MEMORY_PLAY_MB,
    ),
  ]
}

function claim(text: string, isShown: boolean): string {
  return `- ${isShown ? 'shown' : '**not shown**'}: ${text}`
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? NaN
}

export function spread(values: readonly number[]): string {
  return `${short(median(values))} (${short(Math.min(...values))}–${short(Math.max(...values))})`
}

function short(value: number): string {
  if (!Number.isFinite(value)) return '–'
  return Math.abs(value) >= 100
    ? Math.round(value).toLocaleString('en')
    : String(Number(value.toPrecision(3)))
}
