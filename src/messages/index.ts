export * from './MessageCatalogue.js'
export * from './messageOf.js'
