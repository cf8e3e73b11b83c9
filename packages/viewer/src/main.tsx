import { QueryClientProvider } from '@tanstack/react-query';
import { createRoot } from 'react-dom/client';
import './styles/tokens.css';
import './styles/base.css';
import { askAhead } from './api/ask-ahead.ts';
import { connection } from './api/connection.ts';
import { newQueryClient } from './api/queries.ts';
import { App } from './shell/app.tsx';
import { ErrorBoundary } from './shell/error-boundary.tsx';
import { installTheme } from './shell/theme.ts';

const client = newQueryClient();
// Not while the module is on the stack: where tools watch requests, the whole script would be read again for where it was called.
queueMicrotask(() => askAhead(client, window.location.pathname));
installTheme();
window.addEventListener('online', () => void connection.ask());
window.addEventListener('offline', () => void connection.ask());
createRoot(document.getElementById('root')!).render(
  <ErrorBoundary>
    <QueryClientProvider client={client}>
      <App />
    </QueryClientProvider>
  </ErrorBoundary>,
);
