/** One attempt at a job. */
export interface JobAttempt {
  jobId: string
  /** Aborts on cancel, timeout or shutdown; its reason is a `TraceError` that says which. */
  signal: AbortSignal
}

export type JobHandler = (attempt: JobAttempt) => Promise<void>

export interface QueueHealth {
  /** Workers that could take a job of any size now or after their present one. */
  workers: number
  /** Jobs of any size. */
  waiting: number
  running: number
}

/**
 * Hands jobs to workers. Jobs are named, not carried: a worker reads the request from the `BatchStore` and
 * writes to the `ResultLog`. Every adapter passes `contracts/jobQueue.contract.ts`.
 *
 * A place beside the workers is kept for small jobs, so that they need not wait until large ones are over; large jobs
 * never take it. Jobs of one size are served first come, first.
 *
 * When a worker dies its job is handed out again, up to three times in all; then it is failed with `WORKER_LOST`.
 */
export interface JobQueue {
  /**
   * Hands a job out. One that is waiting or running already goes on as it is, so that it may be submitted again when
   * in doubt.
   *
   * @param size of the job, as it was created
   * @throws {TraceError} `QUEUE_UNAVAILABLE`, `STORE_UNAVAILABLE`
   */
  submit: (jobId: string, size?: { isSmall?: boolean }) => Promise<void>
  /** Drops a waiting job, or aborts the running attempt's signal wherever it runs. Idempotent. */
  cancel: (jobId: string) => Promise<void>
  /**
   * How many jobs of its size are before this one, which is waiting; or that it is `taken`: a worker has it, or will try it again
   * by itself. `null` when the queue has no such job, be it over or lost.
   */
  place: (jobId: string) => Promise<number | 'taken' | null>
  health: () => Promise<QueueHealth>
  /** Stops taking jobs, aborts running attempts, and waits for them. */
  close: () => Promise<void>
}
