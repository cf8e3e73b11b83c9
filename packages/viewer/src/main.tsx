import { QueryClientProvider } from '@tanstack/react-query';
import { createRoot } from 'react-dom/client';
import './styles/tokens.css';
import './styles/base.css';
import { connection } from './api/connection.ts';
import { newQueryClient } from './api/queries.ts';
import { App } from './shell/app.tsx';
import { ErrorBoundary } from './shell/error-boundary.tsx';
import { installTheme } from './shell/theme.ts';

installTheme();
window.addEventListener('online', () => void connection.ask());
window.addEventListener('offline', () => void connection.ask());
createRoot(document.getElementById('root')!).render(
  <ErrorBoundary>
    <QueryClientProvider client={newQueryClient()}>
      <App />
    </QueryClientProvider>
  </ErrorBoundary>,
);
