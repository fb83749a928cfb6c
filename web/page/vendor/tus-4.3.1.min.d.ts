export {}; // uploads.js takes what it needs from the global "tus"
