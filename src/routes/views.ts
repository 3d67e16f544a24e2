import type { View } from '../authentik/view.js'
import { schemaView } from './api/v3/schema.js'
import { OAUTH_VIEWS } from './application/o/views.js'
import { RESOURCE_VIEWS } from './resources.js'
import { rootViews } from './root.js'

/** Every route of the mock. */
export const VIEWS: View[] = [...RESOURCE_VIEWS, schemaView, ...OAUTH_VIEWS, ...rootViews]
