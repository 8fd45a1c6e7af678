//! Secret blobs and the secret file.
