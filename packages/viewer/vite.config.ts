import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

/** Where a control plane listens while the viewer is developed with `vite`. */
const API = 'http://127.0.0.1:8001';

export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  base: '/',
  plugins: [react()],
  server: { proxy: { '/api': API } },
  build: {
    outDir: fileURLToPath(new URL('../../dist/viewer', import.meta.url)),
    emptyOutDir: true,
    // Nothing is inlined as a data: URL, and no script is written into the page: both would need a weaker policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      treeshake: {
        // The portable packages do nothing on import: of the protocol's schemas only what is used comes along.
        moduleSideEffects: [
          { test: /[\\/]packages[\\/](base|trace|expressions|protocol)[\\/]/, sideEffects: false },
        ],
      },
    },
  },
});
