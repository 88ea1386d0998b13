import type { Meta, StoryObj } from '@storybook/vue3-vite'
import { traceStates } from './traceStates.js'
import TraceProgressBar from './TraceProgressBar.vue'

const meta = {
  title: 'Components/TraceProgressBar',
  component: TraceProgressBar,
  argTypes: { state: { control: false }, locale: { control: 'text' } },
} satisfies Meta<typeof TraceProgressBar>

export default meta
type Story = StoryObj<typeof meta>

export const Idle: Story = { args: { state: traceStates.idle } }
export const ResolvingSeeds: Story = { args: { state: traceStates.resolving } }
export const TracingLineage: Story = { args: { state: traceStates.tracing } }
export const FindingSeedsInAJob: Story = { args: { state: traceStates.seeding } }
export const TracingInAJob: Story = { args: { state: traceStates.tracingInJob } }
export const Queued: Story = { args: { state: traceStates.queued } }
export const Running: Story = { args: { state: traceStates.running } }
export const TakenUpAgain: Story = { args: { state: traceStates.resumed } }
export const Complete: Story = { args: { state: traceStates.complete } }
export const FoundNothing: Story = { args: { state: traceStates.foundNothing } }
export const Partial: Story = { args: { state: traceStates.partial } }
export const Failed: Story = { args: { state: traceStates.truncated } }
export const FailedBeforeItRan: Story = { args: { state: traceStates.failed } }
export const Stopped: Story = { args: { state: traceStates.aborted } }
