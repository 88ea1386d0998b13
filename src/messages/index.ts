export * from './MessageCatalogue.js'
export * from './messageOf.js'
export * from './progressText.js'
