import company from '../../../fixtures/company.json' with { type: 'json' }
import type { FixtureSource } from './source.js'

/** The world that is served where nobody names another one. */
export const SHIPPED_WORLD: FixtureSource = { file: 'fixtures/company.json', json: company, trusted: true }
