import type { View } from '../authentik/view.js'
import { accessTokenViews } from './api/v3/oauth2/access_tokens/resource.js'
import { authorizationCodeViews } from './api/v3/oauth2/authorization_codes/resource.js'
import { refreshTokenViews } from './api/v3/oauth2/refresh_tokens/resource.js'

/** What this mock has of authentik's API, in the order of its document. */
export const RESOURCE_VIEWS: View[] = [...accessTokenViews, ...authorizationCodeViews, ...refreshTokenViews]
