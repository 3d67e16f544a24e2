import type { Database } from '../../../../world/database.js'
import type { Application } from '../../../../world/kinds/applications.js'
import type { Provider } from '../../../../world/kinds/providers.js'

/** The application that makes a provider known; a provider has at most one. */
export function applicationOf({ pk }: Provider, database: Database): Application | undefined {
  return database.applications.referring('provider', pk)[0]
}
