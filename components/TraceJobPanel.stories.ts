import type { Meta, StoryObj } from '@storybook/vue3-vite'
import { fn } from 'storybook/test'
import TraceJobPanel from './TraceJobPanel.vue'
import { traceStates } from './traceStates.js'

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
export const Queued: Story = { args: { state: traceStates.queued } }
export const Running: Story = { args: { state: traceStates.running } }
export const Reconnecting: Story = { args: { state: traceStates.reconnecting } }
export const Complete: Story = { args: { state: traceStates.complete } }
export const Partial: Story = { args: { state: traceStates.partial } }
export const Failed: Story = { args: { state: traceStates.truncated, resumable: true } }
export const Stopped: Story = { args: { state: traceStates.aborted, resumable: true } }
