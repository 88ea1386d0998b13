/** What is counted of jobs, wherever they run. */
export const METRIC = {
  commits: {
    name: 'trace_commit_seconds',
    help: 'Time until a commit was acknowledged',
  },
  ended: { name: 'trace_jobs_ended_total', help: 'Jobs that have ended, by their last state' },
} as const

export const COMMIT_BUCKETS_SECONDS = [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5] as const
