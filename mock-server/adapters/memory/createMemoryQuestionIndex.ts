import type { Clock, QuestionIndex } from '../../ports/index.js'

/** Questions of this process. `sweep()` forgets what is over. */
export function createMemoryQuestionIndex(clock: Clock) {
  const answers = new Map<string, { jobId: string; expiresAtMs: number }>()

  function present(question: string): string | null {
    const answer = answers.get(question)
    return answer && answer.expiresAtMs > clock.now() ? answer.jobId : null
  }

  const index: QuestionIndex = {
    find: async (question) => present(question),
    async claim(question, jobId, instead, ttlSeconds) {
      const holder = present(question)
      if (holder !== null && holder !== instead) return holder
      answers.set(question, { jobId, expiresAtMs: clock.now() + ttlSeconds * 1000 })
      return jobId
    },
  }

  return {
    ...index,
    sweep() {
      for (const question of answers.keys()) if (present(question) === null) answers.delete(question)
    },
  }
}
