"""What raters and judges say of the same answers: agreement, corrected scores, and where two judges differ."""
