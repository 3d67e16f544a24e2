import type { View } from '../../../authentik/view.js'
import { authorizeView } from './authorize.js'
import { deviceView } from './device.js'
import { introspectView } from './introspect.js'
import { revokeView } from './revoke.js'
import { discoveryView, providerRootView } from './slug/discovery.js'
import { endSessionView } from './slug/end-session.js'
import { jwksView } from './slug/jwks.js'
import { tokenView } from './token.js'
import { userinfoView } from './userinfo.js'

/** The OAuth2 endpoints. Those of applications come last: an application may be called `token`. */
export const OAUTH_VIEWS: View[] = [
  authorizeView,
  tokenView,
  deviceView,
  introspectView,
  revokeView,
  userinfoView,
  discoveryView,
  jwksView,
  endSessionView,
  providerRootView,
]
