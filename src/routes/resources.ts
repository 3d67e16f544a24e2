import type { View } from '../authentik/view.js'
import { versionView } from './api/v3/admin/version.js'
import { applicationViews } from './api/v3/core/applications/resource.js'
import { sessionViews } from './api/v3/core/authenticated_sessions/resource.js'
import { currentBrandView } from './api/v3/core/brands/current.js'
import { groupViews } from './api/v3/core/groups/resource.js'
import { apiTokenViews } from './api/v3/core/tokens/resource.js'
import { consentViews } from './api/v3/core/user_consent/resource.js'
import { userViews } from './api/v3/core/users/resource.js'
import { accessTokenViews } from './api/v3/oauth2/access_tokens/resource.js'
import { authorizationCodeViews } from './api/v3/oauth2/authorization_codes/resource.js'
import { refreshTokenViews } from './api/v3/oauth2/refresh_tokens/resource.js'
import { scopeMappingViews } from './api/v3/propertymappings/provider/scope/resource.js'
import { providerViews } from './api/v3/providers/all/resource.js'
import { oauth2ProviderViews } from './api/v3/providers/oauth2/resource.js'
import { configView } from './api/v3/root/config.js'

/** What this mock has of authentik's API, in the order of its document. */
export const RESOURCE_VIEWS: View[] = [
  versionView,
  ...applicationViews,
  ...sessionViews,
  currentBrandView,
  ...groupViews,
  ...apiTokenViews,
  ...consentViews,
  ...userViews,
  ...accessTokenViews,
  ...authorizationCodeViews,
  ...refreshTokenViews,
  ...scopeMappingViews,
  ...providerViews,
  ...oauth2ProviderViews,
  configView,
]
