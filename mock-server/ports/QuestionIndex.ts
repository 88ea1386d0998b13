/**
 * Which job answers which question, as all servers agree on it. Every adapter passes
 * `contracts/questionIndex.contract.ts`.
 */
export interface QuestionIndex {
  /** @throws {TraceError} `STORE_UNAVAILABLE` */
  find: (question: string) => Promise<string | null>
  /**
   * Makes `jobId` the answer for `ttlSeconds`, unless there is one that is not `instead`: then that one stays.
   *
   * @returns the job that is the answer now
   * @throws {TraceError} `STORE_UNAVAILABLE`
   */
  claim: (question: string, jobId: string, instead: string | null, ttlSeconds: number) => Promise<string>
}
