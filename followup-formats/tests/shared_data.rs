//! Tests against the data sets that lie beside the repository.
