import type { View } from '../authentik/view.js'
import { refreshTokenViews } from './api/v3/oauth2/refresh_tokens/resource.js'

/** What this mock has of authentik's API, in the order of its document. */
export const RESOURCE_VIEWS: View[] = [...refreshTokenViews]
