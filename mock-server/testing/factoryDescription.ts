import * as v from 'valibot'
import { SourceDescription, type ProfileDescription } from '../../src/protocol/index.js'
import { describeFactory } from '../adapters/synthetic/describe.js'

/** What the synthetic factory says of itself, as a server reads it. */
export const FACTORY: SourceDescription = v.parse(SourceDescription, describeFactory())

export function factoryProfile(name: string): ProfileDescription {
  const profile = FACTORY.profiles.find((each) => each.name === name)
  if (!profile) throw new RangeError(`The synthetic factory has no profile ${name}.`)
  return profile
}
