import { sleep } from '../../../src/async/clock.js'
import type { SeedPage, SeedQuery, SourceSeed } from '../../ports/index.js'
import type { Factory, Lot } from './createFactory.js'
import { failOnSeedStation, failOnValues, isFaultId } from './faults.js'
import { readDay } from './factoryTime.js'
import { lotName, lotOfName, lotOfSerial, lotsOfOrder, lotsOfWafer, toLot } from './lotNames.js'
import { isRework, valuesOfLot } from './lotValues.js'
import { firstTrackAt, readTracks } from './readTracks.js'
import { createBreather } from './createBreather.js'

const DAY = 86_400
const FAMILIES_PER_TURN = 4
/** A page has so many, and what comes with the last of them. */
const SEEDS_PER_PAGE = 1_000

interface Place {
  /** Where the last page ended. */
  after: string | null
  signal: AbortSignal
}

/**
 * Some of the lots a question starts from, each on one page only; values are exact names, and unknown ones find nothing.
 * A page ends with a family of lots, or with all that a value finds.
 */
export async function resolveSeeds(factory: Factory, query: SeedQuery, place: Place): Promise<SeedPage> {
  if (query.by === 'date_range') {
    failOnSeedStation(query.station)
    return measuredLots(factory, query, place)
  }
  failOnValues(query.values)
  return lotsOfValues(factory, query, place)
}

async function lotsOfValues(
  factory: Factory,
  { resolveType, values }: Extract<SeedQuery, { by: 'values' }>,
  { after, signal }: Place,
): Promise<SeedPage> {
  const positions = new Map<string, number>()
  for (const [position, value] of values.entries()) if (!positions.has(value)) positions.set(value, position)
  const seeds: SeedPage['seeds'] = []
  const matched = new Set<string>()
  const breathe = createBreather(signal)
  let at = after === null ? 0 : readToken(after)
  for (; at < values.length && seeds.length < SEEDS_PER_PAGE; at++) {
    await breathe()
    const value = values[at]!
    if (positions.get(value) !== at) continue
    if (isFaultId(value)) {
      seeds.push({ container_id: value, container_name: value, lot_id: value, inputValue: value })
      matched.add(value)
    }
    for (const lot of lotsOfValue(factory, resolveType, value)) {
      const finders = valuesOfLot(lot, resolveType).filter((each) => positions.has(each))
      // It stands where the first of them stands, and tells of all.
      if (finders.some((each) => positions.get(each)! < at)) continue
      seeds.push({ ...toSeed(lot), inputValue: value })
      for (const each of finders) matched.add(each)
    }
  }
  return { seeds, matched: [...matched], next: at < values.length ? String(at) : null }
}

function lotsOfValue(factory: Factory, type: string, value: string): Lot[] {
  switch (type) {
    case 'lot_id':
      return present(lotOfName(factory, value))
    case 'work_order':
      return lotsOfOrder(factory, value)
    case 'wafer_lot':
      return lotsOfWafer(factory, value)
    case 'serial_number':
      return present(lotOfSerial(factory, value))
    case 'gd_work_order':
      return lotsOfOrder(factory, value).filter(isRework)
    case 'gd_lot_id':
      return present(lotOfName(factory, value)).filter(isRework)
    default:
      return []
  }
}

/** Lots whose first pass through a station began on the days asked for, as they were made. */
async function measuredLots(
  factory: Factory,
  { station, start, end }: Extract<SeedQuery, { by: 'date_range' }>,
  { after, signal }: Place,
): Promise<SeedPage> {
  const [from, to] = [readDay(start), readDay(end) + DAY]
  const seeds: SeedPage['seeds'] = []
  const { first, last } = factory.familiesAtWork(from, to)
  let index = after === null ? first : readToken(after)
  for (; index <= last && seeds.length < SEEDS_PER_PAGE; index++) {
    // Five months are a second's work: whoever shares the thread gets turns.
    if ((index - first) % FAMILIES_PER_TURN === 0) await sleep(0, signal)
    const family = factory.family(index)!
    const isVisited = family.routes.map((route) => route.some(({ group }) => group === station))
    if (!isVisited.includes(true)) continue
    for (let place = 0; place < family.size; place++) {
      if (!isVisited[family.layers[place]!]) continue
      const track = firstTrackAt(readTracks({ family, place }), station)
      if (track && track.inAt >= from && track.inAt < to) seeds.push(toSeed(toLot(family, place)))
    }
  }
  return { seeds, matched: [], next: index <= last ? String(index) : null }
}

/** @throws {RangeError} for a token that no page gave */
function readToken(token: string): number {
  if (!/^\d{1,9}$/.test(token)) throw new RangeError(`No page of seeds ends at ${token}.`)
  return Number(token)
}

function present(lot: Lot | null): Lot[] {
  return lot ? [lot] : []
}

function toSeed(lot: Lot): SourceSeed {
  const name = lotName(lot)
  return { container_id: lot.id, container_name: name, lot_id: name }
}
