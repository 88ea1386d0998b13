import * as v from 'valibot'
import { describe, expect, it } from 'vitest'
import { SourceDescription } from '../../../src/protocol/index.js'
import { describeFactory } from '../synthetic/describe.js'
import { SYNTHETIC_TABLES } from './FactoryTables.js'
import { createIndexes, createTable, describeSchema } from './schema.js'

const FACTORY = v.parse(SourceDescription, describeFactory())
const SCHEMA = describeSchema(FACTORY, SYNTHETIC_TABLES)
const tableOf = (name: string) => SCHEMA.find((table) => table.name === name)!

describe('the default layout', () => {
  it('has a table for lots, what finds them, lineage, detections and each domain', () => {
    expect(SCHEMA.map(({ name }) => name)).toEqual([
      'lots',
      'lot_values',
      'lineage',
      'detections',
      'detection_defects',
      ...FACTORY.domains.map(({ name }) => name),
    ])
  })

  it('has the columns of a domain, with what they mean', () => {
    const [create, ...comments] = createTable(tableOf('materials'))
    expect(create).toBe(
      [
        'CREATE TABLE "materials" (',
        '  "container_id" text COLLATE "C" NOT NULL,',
        '  "containername" text,',
        '  "materialpartname" text,',
        '  "materiallotname" text,',
        '  "qtyconsumed" double precision,',
        '  "workcentername" text,',
        '  "specname" text,',
        '  "equipmentname" text,',
        '  "txndate" timestamp,',
        '  "row_no" bigint NOT NULL,',
        '  PRIMARY KEY ("container_id", "row_no")',
        ')',
      ].join('\n'),
    )
    expect(comments).toContain(`COMMENT ON TABLE "materials" IS 'Materials'`)
    expect(comments).toContain(`COMMENT ON COLUMN "materials"."qtyconsumed" IS 'Consumed, in k'`)
  })

  it('has an index for every way that queries take', () => {
    expect(SCHEMA.flatMap(createIndexes)).toEqual([
      'CREATE INDEX "lot_values_container_id_resolve_type" ON "lot_values" ("container_id", "resolve_type")',
      'CREATE INDEX "lineage_parent_id_child_id" ON "lineage" ("parent_id", "child_id")',
      'CREATE INDEX "detections_station_date_container_id" ON "detections" ("station", "date", "container_id")',
      'CREATE INDEX "downtime_starttime" ON "downtime" ("starttime")',
    ])
  })
})
