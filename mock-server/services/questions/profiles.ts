import type { ProfileDescription, SourceDescription } from '../../../src/protocol/index.js'

/** What a source says of a profile; `undefined` for one that it does not know (any more). */
export function findProfile({ profiles }: SourceDescription, name: string): ProfileDescription | undefined {
  return profiles.find((profile) => profile.name === name)
}

/** Whether questions of a profile have detections, and figures of them. */
export function hasFigures(description: SourceDescription, name: string): boolean {
  return findProfile(description, name)?.figures === true
}
