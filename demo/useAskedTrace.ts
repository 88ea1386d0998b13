import { nextTick, onMounted, watch } from 'vue'
import { useTraceJobs, type RememberedJob, type UseTraceProgressReturn } from 'vue-trace-progress'

export interface AskedTraceOptions {
  trace: UseTraceProgressReturn
  /** The name the page's jobs are remembered by. */
  rememberAs: string
  /** The question in the address; empty when there is none. */
  query: () => URLSearchParams
  /** Puts the address's question into the form, and gives it as params. */
  read: (query: URLSearchParams) => Record<string, unknown>
  /** A job's question as an address has it. */
  write: (params: Readonly<Record<string, unknown>>, profile: string) => URLSearchParams
  /** Writes the address. */
  asked: (query: URLSearchParams) => void
}

/**
 * Ties a trace to the address: opening an address asks its question, or goes on with the job that was left at it;
 * several tabs at one address share the job.
 */
export function useAskedTrace({ trace, rememberAs, query, read, write, asked }: AskedTraceOptions) {
  const { jobs, cancel, forget } = useTraceJobs()
  /** The question shown; the address changes with it, and is not to be asked again for that. */
  let shown = ''

  function ask(question: URLSearchParams) {
    shown = question.toString()
    asked(question)
    void trace.execute(read(question))
  }

  function resume(job: RememberedJob) {
    const question = write(job.params, job.profile)
    shown = question.toString()
    read(question)
    asked(question)
    void trace.resume(job)
  }

  function open() {
    const question = query()
    if (question.size === 0 || question.toString() === shown) return
    const left = jobs.value.find(
      (job) => job.name === rememberAs && write(job.params, job.profile).toString() === question.toString(),
    )
    if (left) resume(left)
    else ask(question)
  }

  onMounted(async () => {
    // The form first: the first picture should not wait for a question's answer.
    await nextTick()
    open()
  })
  watch(query, open)

  return { jobs, ask, resume, cancel, forget }
}
