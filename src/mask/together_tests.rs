//! Texts of several lines and their dress: what goes, what stays.
