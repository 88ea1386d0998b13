import type { Meta, StoryObj } from '@storybook/vue3-vite'
import { expect, fn, waitFor } from 'storybook/test'
import { h } from 'vue'
import TraceJobPanel from './TraceJobPanel.vue'
import { traceStates } from './traceStates.js'
import TraceResultBanner from './TraceResultBanner.vue'

const meta = {
  title: 'Components/TraceJobPanel',
  component: TraceJobPanel,
  args: { onAbort: fn(), onCancel: fn(), onRetry: fn(), onResume: fn() },
  argTypes: { state: { control: false }, locale: { control: 'text' } },
} satisfies Meta<typeof TraceJobPanel>

export default meta
type Story = StoryObj<typeof meta>

export const Idle: Story = { args: { state: traceStates.idle } }
export const ResolvingSeeds: Story = { args: { state: traceStates.resolving } }
export const TracingInAJob: Story = { args: { state: traceStates.tracingInJob } }
export const Queued: Story = { args: { state: traceStates.queued } }
export const Running: Story = { args: { state: traceStates.running } }
export const TakenUpAgain: Story = { args: { state: traceStates.resumed } }
export const NothingNewForLong: Story = {
  args: { state: traceStates.running, quietAfterSeconds: 1 },
  async play({ canvasElement }) {
    const quiet = () => expect(canvasElement.querySelector('.trace-job__quiet')).not.toBeEmptyDOMElement()
    await waitFor(quiet, { timeout: 5000 })
  },
}
export const Reconnecting: Story = { args: { state: traceStates.reconnecting } }
export const TheServerIsBusy: Story = { args: { state: traceStates.refused } }
export const NoNewsOfTheJob: Story = { args: { state: traceStates.silent } }
export const AskedAnew: Story = { args: { state: traceStates.askedAnew } }
export const Complete: Story = { args: { state: traceStates.complete } }
export const Partial: Story = { args: { state: traceStates.partial } }
export const Failed: Story = { args: { state: traceStates.truncated, resumable: true } }
export const Stopped: Story = { args: { state: traceStates.aborted, resumable: true } }

/** The foot is the page's: here the banner takes the place of the buttons, without moving what is below. */
export const WithABannerInItsFoot: Story = {
  args: { state: traceStates.truncated },
  render: (args) => () => h(TraceJobPanel, args, { foot: () => h(TraceResultBanner, { state: args.state }) }),
}
