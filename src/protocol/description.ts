import * as v from 'valibot'
import { DIRECTIONS } from './vocabulary.js'

/**
 * What a server's source knows: which questions may be asked, and what their rows are. Pages build forms, headings and
 * formats of it; the server checks requests by it. Source: `GET /api/trace/describe`.
 */

/** Names of profiles, domains, params and types: letters, digits, `_` and `-`, a letter first, at most 64. */
const Name = v.pipe(
  v.string(),
  v.regex(/^[A-Za-z][\w-]{0,63}$/, 'a name of letters, digits, _ and -, a letter first'),
)
const Words = v.pipe(v.string(), v.regex(/\S/, 'some text'), v.maxLength(200, 'at most 200 characters'))

/** Words for people: one text, or one by language. */
const Title = v.union(
  [Words, v.object({ en: Words, 'zh-Hant-TW': v.optional(Words) })],
  'a text, or { en, zh-Hant-TW }',
)
export type Title = v.InferOutput<typeof Title>

/** A value to choose, and what to call it; default: itself. */
const Choice = v.object({ value: Words, title: v.optional(Title) })
export type Choice = v.InferOutput<typeof Choice>

/** What the values of a column are: how they are shown, sorted, summed and exported. */
export const COLUMN_KINDS = ['id', 'text', 'quantity', 'time', 'rate'] as const
export type ColumnKind = (typeof COLUMN_KINDS)[number]

/**
 * What a column says to the figures of a defect question: where a lot passed (`station`, `machine`), what went into it
 * (`material`, `material_lot`), and what was rejected of it later (`rejected_qty`, `reject_reason`). Of several columns
 * with one role, the last that has a value counts.
 */
export const COLUMN_ROLES = [
  'station',
  'machine',
  'material',
  'material_lot',
  'rejected_qty',
  'reject_reason',
] as const
export type ColumnRole = (typeof COLUMN_ROLES)[number]

const Column = v.object({
  /** As in the rows. */
  name: v.pipe(v.string(), v.nonEmpty('a name'), v.maxLength(128, 'at most 128 characters')),
  title: v.optional(Title),
  kind: v.picklist(COLUMN_KINDS, `one of ${COLUMN_KINDS.join(', ')}`),
  /** Of quantities: `pcs`, `h`. */
  unit: v.optional(Words),
  role: v.optional(v.picklist(COLUMN_ROLES, `one of ${COLUMN_ROLES.join(', ')}`)),
})
export type ColumnDescription = v.InferOutput<typeof Column>

const Domain = v.object({
  name: Name,
  title: v.optional(Title),
  /** In the order of the rows. A column that rows have and this list has not is shown as it is. */
  columns: v.pipe(v.array(Column), v.maxLength(1_000, 'at most 1000 columns')),
})
export type DomainDescription = v.InferOutput<typeof Domain>

export const PARAM_KINDS = ['text', 'number', 'date', 'choice'] as const

/** A filter of a profile. Dates are `YYYY-MM-DD`, factory-local. */
const Param = v.object({
  name: Name,
  title: v.optional(Title),
  kind: v.picklist(PARAM_KINDS, `one of ${PARAM_KINDS.join(', ')}`),
  /** Whether several values may be given, as a list. Default: one. */
  many: v.optional(v.boolean()),
  required: v.optional(v.boolean()),
  /** Taken when nothing is given. */
  default: v.optional(v.union([Words, v.number(), v.array(Words)])),
  /** Of kind `choice`: what may be given. */
  choices: v.optional(v.array(Choice)),
})
export type ParamDescription = v.InferOutput<typeof Param>

export const PROFILE_STAGES = ['seeds', 'lineage', 'events'] as const

const Profile = v.object({
  name: Name,
  title: v.optional(Title),
  /** `seeds`, `lineage`, `events`; without lineage the seeds alone are fetched; `events` alone asks for rows by params. */
  stages: v.array(v.picklist(PROFILE_STAGES, `one of ${PROFILE_STAGES.join(', ')}`)),
  /** Of lineage; `asked`: as `params.direction` says, else backward. Default: backward. */
  direction: v.optional(v.picklist([...DIRECTIONS, 'asked'], 'backward, forward or asked')),
  /** How seeds may be named. */
  seeds: v.optional(
    v.object({
      /** By value: what `params.resolve_type` may be. None: not by value. */
      types: v.optional(v.array(Choice), []),
      /** By the days they were at a station. Default: no. */
      dates: v.optional(v.boolean()),
      /** Stations to choose from; the first is taken when none is given. */
      stations: v.optional(v.array(Choice)),
    }),
  ),
  /** Filters of its own, beside those that seeds and figures bring. */
  params: v.optional(v.array(Param), []),
  /** Whether there are detections, and figures of them. Default: no. */
  figures: v.optional(v.boolean()),
  /** Those that are fetched when none are named; by direction where that matters. */
  domains: v.union([v.array(Name), v.object({ backward: v.array(Name), forward: v.array(Name) })]),
})
export type ProfileDescription = v.InferOutput<typeof Profile>

/** As it travels and as it is read; only names of `params` on the wire are the source's own. */
export const SourceDescription = v.object({ profiles: v.array(Profile), domains: v.array(Domain) })
export type SourceDescription = v.InferOutput<typeof SourceDescription>
/** As a source writes it: what has a default may be left out. */
export type SourceDescriptionInput = v.InferInput<typeof SourceDescription>
