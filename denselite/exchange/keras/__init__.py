"""Keras' own files, read and written without Keras: ``files.py``; the HDF5 in them is read by ``hdf5.py``."""
