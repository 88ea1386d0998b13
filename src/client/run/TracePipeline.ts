/**
 * How a question is put: `job`, as one job that does all of it; `stages`, seeds, lineage and events one after the other,
 * as pages must where a server has no such job. `auto` asks for the job first.
 */
export type TracePipeline = 'auto' | 'job' | 'stages'
