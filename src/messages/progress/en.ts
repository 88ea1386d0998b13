import type { ProgressTexts } from '../MessageCatalogue.js'

export const en: ProgressTexts = {
  stages: {
    'seed-resolve': 'Finding the starting lots',
    lineage: 'Tracing the lineage',
    events: 'Fetching the events',
  },
  phases: {
    queued: 'Waiting in the queue',
    seeds: 'Finding the starting lots',
    lineage: 'Tracing the lineage',
    fetching: 'Fetching the events',
    aggregating: 'Computing the figures',
    cancelling: 'Cancelling',
    done: 'Done',
  },
  waits: {
    retry: 'Connection lost, trying again in {seconds} s',
    offline: 'No network; tried now and then, and at once when it is back',
    busy: 'The server is busy, going on in {seconds} s',
    silent: 'No news of the job from the server',
    hidden: 'Paused while the page is hidden',
  },
  notes: {
    askedAnew: 'The server had lost the job, perhaps in a restart; the question was asked anew.',
  },
}
