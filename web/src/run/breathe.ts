/**
 * Resolves in a task of its own: what the user does and what is to be painted
 * comes in between. A timer would do the same, but a page in the background,
 * such as behind our pop-up window on a phone, gets one a second.
 */
export const breathe = (): Promise<void> =>
  new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });
