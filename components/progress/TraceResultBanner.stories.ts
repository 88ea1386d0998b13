import type { Meta, StoryObj } from '@storybook/vue3-vite'
import { expect, fn } from 'storybook/test'
import { traceStates } from './traceStates.js'
import TraceResultBanner from './TraceResultBanner.vue'

const meta = {
  title: 'Components/TraceResultBanner',
  component: TraceResultBanner,
  args: { onRetry: fn() },
  argTypes: { state: { control: false }, locale: { control: 'text' } },
} satisfies Meta<typeof TraceResultBanner>

export default meta
type Story = StoryObj<typeof meta>

const nowSeconds = Date.now() / 1000

export const Complete: Story = { args: { state: traceStates.complete } }
export const CompleteWithAge: Story = {
  args: { state: traceStates.complete, completedAt: nowSeconds - 1500, expiresAt: nowSeconds + 2100 },
}
export const NoLongerKept: Story = {
  args: { state: traceStates.complete, completedAt: nowSeconds - 4000, expiresAt: nowSeconds - 400 },
}
export const NotAllFound: Story = { args: { state: traceStates.unmatched } }
export const NotAllFoundOpen: Story = {
  args: { state: traceStates.unmatched },
  play: async ({ canvasElement, userEvent }) => {
    await userEvent.click(canvasElement.querySelector('summary')!)
    await expect(canvasElement.querySelector('details')!.open).toBe(true)
    await userEvent.tab()
    await expect(canvasElement.querySelector('ul')).toHaveFocus()
  },
}
export const NotAllFoundInChinese: Story = {
  args: { state: traceStates.unmatched, locale: 'zh-Hant-TW' },
}
export const FoundNothing: Story = { args: { state: traceStates.foundNothing } }
export const Partial: Story = { args: { state: traceStates.partial } }
export const Truncated: Story = { args: { state: traceStates.truncated } }
export const Failed: Story = { args: { state: traceStates.failed } }
export const Stopped: Story = { args: { state: traceStates.aborted, resumable: true } }
export const InAPageWithoutRetry: Story = { args: { state: traceStates.failed, retryable: false } }
