import { sleep } from '../../../src/async/clock.js'
import type { ResolveType } from '../../../src/protocol/index.js'
import type { SeedQuery, SourceSeed } from '../../ports/index.js'
import { LAYER } from './catalogue.js'
import type { Factory, Lot } from './createFactory.js'
import { failOnSeedStation, failOnValues, isFaultId } from './faults.js'
import { readDay } from './factoryTime.js'
import { lotName, lotOfName, lotOfSerial, lotsOfOrder, lotsOfWafer, toLot } from './lotNames.js'
import { firstTrackAt, readTracks } from './readTracks.js'
import { createBreather } from './createBreather.js'

const DAY = 86_400
const FAMILIES_PER_TURN = 4

/** The lots a question starts from, each once; values are exact names, and unknown ones find nothing. */
export async function resolveSeeds(
  factory: Factory,
  query: SeedQuery,
  signal: AbortSignal,
): Promise<SourceSeed[]> {
  if (query.by === 'date_range') {
    failOnSeedStation(query.station)
    const [from, to] = [readDay(query.start), readDay(query.end) + DAY]
    return (await measuredLots(factory, query.station, from, to, signal)).map(toSeed)
  }
  failOnValues(query.values)
  const seeds = new Map<string, SourceSeed>()
  const breathe = createBreather(signal)
  for (const value of query.values) {
    await breathe()
    if (isFaultId(value)) seeds.set(value, { container_id: value, container_name: value, lot_id: value })
    for (const lot of lotsOfValue(factory, query.resolveType, value)) seeds.set(lot.id, toSeed(lot))
  }
  return [...seeds.values()]
}

function lotsOfValue(factory: Factory, type: ResolveType, value: string): Lot[] {
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
  }
}

/** Lots whose first pass through `station` began from `from` until before `to`, as they were made. */
async function measuredLots(
  factory: Factory,
  station: string,
  from: number,
  to: number,
  signal: AbortSignal,
): Promise<Lot[]> {
  const lots: Lot[] = []
  const { first, last } = factory.familiesAtWork(from, to)
  for (let index = first; index <= last; index++) {
    // Five months are a second's work: whoever shares the thread gets turns.
    if ((index - first) % FAMILIES_PER_TURN === 0) await sleep(0, signal)
    const family = factory.family(index)!
    const isVisited = family.routes.map((route) => route.some(({ group }) => group === station))
    if (!isVisited.includes(true)) continue
    for (let place = 0; place < family.size; place++) {
      if (!isVisited[family.layers[place]!]) continue
      const track = firstTrackAt(readTracks({ family, place }), station)
      if (track && track.inAt >= from && track.inAt < to) lots.push(toLot(family, place))
    }
  }
  return lots
}

function present(lot: Lot | null): Lot[] {
  return lot ? [lot] : []
}

function isRework({ family, place }: Lot): boolean {
  return family.layers[place] === LAYER.rework
}

function toSeed(lot: Lot): SourceSeed {
  const name = lotName(lot)
  return { container_id: lot.id, container_name: name, lot_id: name }
}
