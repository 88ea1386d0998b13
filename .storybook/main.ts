import type { StorybookConfig } from '@storybook/vue3-vite'

export default {
  stories: ['../components/**/*.stories.ts', '../composables/**/*.stories.ts', '../composables/**/*.mdx'],
  addons: ['@storybook/addon-docs', '@storybook/addon-a11y'],
  framework: {
    name: '@storybook/vue3-vite',
    options: {
      docgen: 'vue-component-meta',
      // Not the library's own build.
      builder: { viteConfigPath: '.storybook/vite.config.ts' },
    },
  },
  // The mocks' worker is for stories only: it must never be in the package.
  staticDirs: ['./public'],
  core: { disableTelemetry: true, disableWhatsNewNotifications: true },
} satisfies StorybookConfig
