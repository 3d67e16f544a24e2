import company from '../fixtures/company.json' with { type: 'json' }
import type { Document } from './world/fixtures/collect.js'

/** The world that is served where nobody names another one. */
export const SHIPPED_WORLD: Document = { file: 'fixtures/company.json', json: company, trusted: true }
