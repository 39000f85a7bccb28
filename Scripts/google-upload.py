#!/usr/bin/env python3
"""Uploads a file with Google's own library: google-upload.py resumable|multipart FILE BUCKET NAME

resumable is what the library does with a large file if nothing else is asked for, multipart the fastest that it has.
STORAGE_EMULATOR_HOST names the server.
"""

import sys

from google.cloud.storage import Client, transfer_manager

if __name__ == "__main__":  # the workers are processes, which read this file, too
    how, file, bucket, name = sys.argv[1:]
    blob = Client().bucket(bucket).blob(name)
    if how == "multipart":
        transfer_manager.upload_chunks_concurrently(file, blob, chunk_size=32 << 20, max_workers=8)
    else:
        blob.upload_from_filename(file)
