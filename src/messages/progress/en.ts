import type { ProgressTexts } from '../MessageCatalogue.js'

export const en: ProgressTexts = {
  stages: {
    'seed-resolve': 'Finding the starting lots',
    lineage: 'Tracing the lineage',
    events: 'Fetching the events',
  },
  phases: {
    queued: 'Waiting in the queue',
    fetching: 'Fetching the events',
    aggregating: 'Computing the figures',
    cancelling: 'Cancelling',
    done: 'Done',
  },
  waits: {
    retry: 'Connection lost, trying again',
    offline: 'No network, going on when it is back',
    hidden: 'Paused while the page is hidden',
  },
}
