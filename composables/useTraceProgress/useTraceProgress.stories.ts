import type { Meta, StoryObj } from '@storybook/vue3-vite'
import type { SetupWorker } from 'msw/browser'
import { expect, userEvent, waitFor, within } from 'storybook/test'
import { playScenario } from '../../.storybook/playScenario.js'
import TraceStory from '../../.storybook/TraceStory.vue'
import {
  cutAt,
  damage,
  dropLine,
  expires,
  happy,
  partial,
  pollFails,
  rateLimited,
  slowLineage,
  slowQueue,
  stall,
  streamFails,
  truncateAt,
  unmatched,
  workerDies,
  type Scenario,
} from '../../testing/index.js'

interface Args {
  size: number
  rowsPerSecond: number
  policy?: Record<string, unknown>
  isDowntime?: boolean
}

const meta = {
  title: 'useTraceProgress',
  component: TraceStory,
  // Its page is useTraceProgress.mdx: the page of its own would run every scenario at once.
  tags: ['!autodocs'],
  args: { size: 2000, rowsPerSecond: 4000 },
  argTypes: {
    size: { control: { type: 'range', min: 0, max: 50_000, step: 100 }, description: 'Rows of each domain' },
    rowsPerSecond: { control: { type: 'range', min: 100, max: 50_000, step: 100 } },
    isDowntime: { table: { disable: true } },
    policy: { control: 'object', description: 'The client’s patience, see `DEFAULT_POLICY`' },
  },
  parameters: {
    docs: {
      // A server of its own for each story.
      story: { inline: false, height: '640px' },
    },
  },
} satisfies Meta<Args>

export default meta
type Story = StoryObj<Args>

/** A story on a scenario; it has told what it should once the page says `said`. */
function on(scenario: () => Scenario, said: string | RegExp, story: Partial<Story> = {}): Story {
  return {
    ...story,
    async beforeEach(context) {
      const { msw, args } = context as typeof context & { msw: SetupWorker }
      return playScenario(msw, scenario(), args)
    },
    async play({ canvasElement, globals }) {
      if (globals.locale !== 'en') return
      await waitFor(() => expect(canvasElement.textContent).toMatch(said), { timeout: 20_000 })
    },
  }
}

/** An impatient client, so that its giving up can be watched. */
const IMPATIENT = { policy: { maxFaults: 1, backoffMinMs: 100 } }

/** A story in which somebody presses a button once rows are there. */
function pressing(button: string, said: string): Story {
  const story = on(happy, said, { args: { rowsPerSecond: 300 } })
  return {
    ...story,
    async play(context) {
      const { canvasElement, globals } = context
      if (globals.locale !== 'en') return
      const canvas = within(canvasElement)
      await waitFor(() => expect(canvasElement.querySelector('[role="gridcell"]')).toBeVisible(), {
        timeout: 20_000,
      })
      await userEvent.click(await canvas.findByRole('button', { name: button }))
      await story.play?.(context)
    },
  }
}

export const Complete = on(happy, /All 4,000 rows are here/)
export const SlowPlant = on(happy, 'Fetching the events', { args: { rowsPerSecond: 150 } })
/** A profile with events alone: any other long query of the house. */
export const WithoutSeeds = on(happy, /All 2,000 rows are here/, { args: { isDowntime: true } })
export const StoppedByTheReader = pressing('Stop watching', 'rows that arrived are shown; they are not all')
export const CancelledByTheReader = pressing('Cancel job', 'rows that arrived are shown; they are not all')
export const SlowQueue = on(() => slowQueue(600_000), 'Waiting in the queue')
export const Partial = on(() => partial('materials'), 'Missing: materials')
export const NothingFound = on(happy, /Complete No rows/, { args: { size: 0 } })
export const TruncatedOnce = on(() => truncateAt(4, 1), /All 4,000 rows are here/)
export const TruncatedAgainAndAgain = on(() => truncateAt(4), /All 4,000 rows are here/, {
  args: { policy: { backoffMinMs: 20 } },
})
export const ConnectionCut = on(() => cutAt(6, 1), /All 4,000 rows are here/)
export const LineMissing = on(() => dropLine(5, 1), /All 4,000 rows are here/)
export const LineDamaged = on(() => damage(5, 1), /All 4,000 rows are here/)
export const AlwaysDamaged = on(() => damage(1), 'MALFORMED_LINE', { args: IMPATIENT })
export const SilentStream = on(() => stall(600_000, 5), /All 4,000 rows are here/, {
  args: { policy: { silenceMs: 2000 } },
})
export const DeadWorker = on(() => workerDies(), 'WORKER_LOST')
export const WorkerReplaced = on(() => workerDies('lineage'), /All 4,000 rows are here/)
export const SlowLineage = on(() => slowLineage(600_000), 'Tracing the lineage')
export const NotFound = on(() => unmatched('GA26113824-A06'), '1 of 1 not found')
export const RateLimited = on(() => rateLimited(1, 3), /The server is busy, going on in \d s/)
export const RateLimitedForLong = on(
  () => rateLimited(1, 60),
  /TOO_MANY_REQUESTS[^]*The trace failed before a row arrived/,
)
export const ServerErrors = on(() => streamFails(502, 2), /All 4,000 rows are here/)
export const PollsFail = on(() => pollFails(503, 2), /All 4,000 rows are here/)
export const Expired = on(expires, 'JOB_RESULT_EXPIRED')
