import { TraceError } from '../../errors.js'

export function gap(what: string): TraceError {
  return new TraceError('SEQUENCE_GAP', `The stream is not whole: ${what}`)
}

export function mismatch(what: string, received: number, counted: number): TraceError {
  return new TraceError(
    'COUNT_MISMATCH',
    `${what} has ${received} rows here, but the server counted ${counted}`,
    { details: { received, counted } },
  )
}

export function mismatchedJob(asked: string, named: string): TraceError {
  return new TraceError(
    'JOB_MISMATCH',
    `The answer is of the job "${named.slice(0, 200)}", not of "${asked}"`,
  )
}

export function missing(domain: string): TraceError {
  return new TraceError(
    'DOMAIN_MISSING',
    `The server sent nothing of "${domain}", did not say that it failed, and calls the result complete`,
  )
}
