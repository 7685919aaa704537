// In place of a script that recognises devices.
